import { client, need } from "@/api/http";

export const place = {
  bind: (seat_id: string) =>
    need(client.POST("/api/v1/places/{seat_id}/bind", { params: { path: { seat_id } } })),
  view: () => need(client.GET("/api/v1/place")),
  sitDown: (ticket_number: string) =>
    need(client.POST("/api/v1/place/sessions", { body: { ticket_number } })),
};
