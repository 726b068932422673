"""语音服务: inbound consultation and outbound telesales, by voice (docs/packages/telephony.md)."""
