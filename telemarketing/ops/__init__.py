"""What an administrator needs: notifying systemd, checks."""
