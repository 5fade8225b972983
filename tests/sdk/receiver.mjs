// A receiver for each official package: POST /NAME is answered 200 when the package takes it, 401 with its words when not.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { sdks } from "./sdks.mjs";

// Some take seconds to load: they are all here before the first delivery comes.
await Promise.all(Object.values(sdks).map((sdk) => import(sdk.package)));
const keys = JSON.parse(readFileSync(process.argv[2]));
const server = createServer((request, answer) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    const name = request.url.split(/[/?]/)[1];
    const { method, headers } = request;
    const url = `http://${headers.host}${request.url}`;
    try {
      await sdks[name].verify(keys[name].receiver, { method, url, headers, body: Buffer.concat(chunks) });
      answer.writeHead(200).end("taken");
    } catch (error) {
      answer.writeHead(401).end(String(error.message ?? error));
    }
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
// The test holds our stdin open as long as it runs.
process.stdin.on("close", () => process.exit(0)).resume();
