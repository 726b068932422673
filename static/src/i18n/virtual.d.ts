declare module "virtual:messages/parts" {
  const parts: Record<string, () => Promise<{ default: Record<string, unknown> }>>;
  export default parts;
}

declare module "virtual:messages/*" {
  const messages: Record<string, unknown>;
  export default messages;
}
