"""From a flow file to a program: definition, compiler, machine, drawing."""
