"""Speech: Mandarin text to speech for authors, spoken forms of typed fields, audio facts.

Importing this package or any of its modules needs no optional dependency; numpy, av and onnxruntime
(the `tts` extra) are imported when a voice is rendered or sound is decoded.
"""
