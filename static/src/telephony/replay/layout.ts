import type { Row } from "./bands";

/** Heights of a waveform's rows in CSS pixels, from above: turns, agent, customer, acts, time. */
export const TURNS = { top: 0, height: 20 } as const;
export const AGENT = { top: 22, height: 60 } as const;
export const CUSTOMER = { top: 84, height: 60 } as const;
export const ACTS = { top: 146, height: 16 } as const;
export const AXIS = { top: 164, height: 18 } as const;
export const HEIGHT = AXIS.top + AXIS.height;

export const PLACES: Record<Row, { top: number; height: number }> = {
  turns: TURNS,
  agent: AGENT,
  customer: CUSTOMER,
  both: { top: AGENT.top, height: CUSTOMER.top + CUSTOMER.height - AGENT.top },
  acts: ACTS,
};
