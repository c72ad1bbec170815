"""What every mock shares: a journal of what was received, faults on demand, settings that change at run time.

A mock is a Starlette application made by `app.build`. `serve.serving` runs one on a real socket for a test, `sandbox`
runs all of them on their fixed ports. See `mocks/README.md` for the control paths under `/_mock/`.
"""
