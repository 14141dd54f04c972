"""The command `telemarketing`: arguments in, text for people or JSON out."""
