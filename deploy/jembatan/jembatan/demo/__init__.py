"""The demonstration: two rutan, the hub and a partner on one machine, a link that is cut, and a proof."""
