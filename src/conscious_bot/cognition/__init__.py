"""From signals to needs, from needs to goals, from goals to intents."""
