"""`python -m telemarketing` is the command `telemarketing`."""

from telemarketing.cli.main import main

if __name__ == "__main__":
    main()
