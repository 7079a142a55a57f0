"""An identity provider (OpenID Connect) by whose accounts people sign in, beside local ones."""
