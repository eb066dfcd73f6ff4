/** Requests as anything but a browser sends them: any host, any header, to the program on this machine. */
import { type IncomingHttpHeaders, request } from "node:http";

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Raw {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Asks for a path of an origin; its name is not looked up. */
export function raw(
  origin: string,
  path: string,
  { method = "GET", headers = {}, body }: Raw = {},
): Promise<RawAnswer> {
  const { host, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers: { Host: host, ...headers } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
    });
    asked.once("error", reject);
    asked.end(body);
  });
}

export function codeOf({ body }: RawAnswer): string | undefined {
  return JSON.parse(body).error?.code;
}
