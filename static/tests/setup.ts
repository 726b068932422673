import { loadMessages } from "@/i18n";

// What the router loads before any page but the desk is shown.
await loadMessages("pages");
