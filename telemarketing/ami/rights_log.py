"""Says once what is wrong with an AMI account.

In: the rights of each session of one link, whenever they may have changed. Out: log lines, each
finding once in the life of the link, with its cure.
"""

import structlog

from telemarketing.ami.rights import Proof, Rights


class RightsLog:
    """Remembers what was said about one PBX."""

    def __init__(self, pbx: str) -> None:
        self._log = structlog.get_logger(__name__).bind(pbx=pbx)
        self._said: set[str] = set()

    def tell(self, rights: Rights) -> None:
        """Say what is new, and take back what an event has disproved."""
        for right in rights.missing:
            if self._is_news(f"{right.access} {right.name}"):
                self._log.warning(
                    "missing right",
                    right=f"{right.access} {right.name}",
                    consequence=right.consequence,
                    cure=right.cure,
                )
        for name, proof in rights.read.items():
            if proof is Proof.CONFIRMED and f"read {name}" in self._said:
                self._said.remove(f"read {name}")
                self._log.info("right is there after all", right=f"read {name}")
        if rights.excess_classes and self._is_news("excess"):
            self._log.warning(
                "the account may do more than needed",
                excess=list(rights.excess_classes),
                cure="set `write = reporting` for it in manager.conf",
            )

    def _is_news(self, finding: str) -> bool:
        known = finding in self._said
        self._said.add(finding)
        return not known
