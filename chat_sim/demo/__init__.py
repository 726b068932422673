"""Papers of 在线服务 that ship with the software, and the drawings of their goods."""
