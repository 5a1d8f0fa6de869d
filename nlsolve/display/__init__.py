"""How are results shown? Text here; HTML and plots follow."""
