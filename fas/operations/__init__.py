"""Acts of the provider: signing on and off at services, agreements, codes and tokens. One function, one act."""
