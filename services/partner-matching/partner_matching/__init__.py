"""Partner matching: vacancies, suggestions with reasons, and placements."""
