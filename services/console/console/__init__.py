"""The pages that a rutan's staff work in. It decides nothing: it asks the services, as whoever is signed in."""
