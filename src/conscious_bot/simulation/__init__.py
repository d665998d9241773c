"""The survival world on virtual time: terrain, rules, creatures, its body, saves and forks."""
