"""Báo tin: rules over figures and alarms, with hysteresis, told by e-mail and webhook."""
