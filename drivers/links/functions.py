"""The functions of Modbus that a link speaks (application protocol 1.1b3, section 6)."""

from enum import IntEnum


class Function(IntEnum):
    """A function code."""

    READ_COILS = 1
    READ_DISCRETE = 2
    READ_HOLDING = 3
    READ_INPUT = 4
    WRITE_COIL = 5
    WRITE_REGISTER = 6
    WRITE_REGISTERS = 16


READ_COILS = Function.READ_COILS
READ_DISCRETE = Function.READ_DISCRETE
READ_HOLDING = Function.READ_HOLDING
READ_INPUT = Function.READ_INPUT
WRITE_COIL = Function.WRITE_COIL
WRITE_REGISTER = Function.WRITE_REGISTER
WRITE_REGISTERS = Function.WRITE_REGISTERS
