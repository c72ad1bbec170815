"""What a person must look at: noticed by the gateway, counted, and settled by somebody who gives a reason."""
