"""Speed and memory, each figure beside a raw baseline of the same run: a rate alone says little."""
