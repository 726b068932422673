"""The CCSS server: kernel, domain packages, faces and composition root."""
