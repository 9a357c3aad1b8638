"""Safety testers: ground bond, withstand voltage, insulation."""
