"""MQTT: what the line tells a broker, and what it may be told by one."""
