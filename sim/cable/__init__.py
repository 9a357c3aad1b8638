"""What a cable on a jig is made of: its strands with their defects, and the copper, insulation and fields between them."""
