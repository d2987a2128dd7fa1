"""The edge for partners: only what a standing consent covers, under a pseudonym of their own."""
