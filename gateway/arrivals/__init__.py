"""What national systems send or ask: kept until the province has it, and answered from what the gateway holds."""
