"""Loudspeaker stations: what two persons have confirmed is spoken in the street."""
