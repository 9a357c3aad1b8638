"""What is inside a safety tester: the settings of its manual tests, and the test that is going on."""
