import { client, need } from "@/api/http";
import type { PhoneLine } from "@/media/softphone";

/** The server's end of a contestant's sound. */
export const seatLine = (attemptId: string, epoch: () => number): PhoneLine => ({
  offer: async (callId, sdp, connection) => {
    const answer = await need(
      client.POST("/api/v1/attempts/{attempt_id}/calls/{call_id}/connection", {
        params: { path: { attempt_id: attemptId, call_id: callId } },
        body: { sdp, connection, epoch: epoch() },
      }),
    );
    return answer.sdp;
  },
});
