"""在线服务: the online-chat module (docs/packages/chat_sim.md)."""
