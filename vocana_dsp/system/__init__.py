"""What the operating system gives a program: clocks, priorities, figures of the process."""
