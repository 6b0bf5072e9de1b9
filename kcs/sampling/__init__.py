"""Samples of articles, tickets and links that coaches judge: for coaching, never for ranking."""
