// Sends what official packages sign to ORIGIN/NAME, one delivery after the other: each of `bodies` for each package that can
// sign, then one of them with a byte changed after signing. Prints a line of JSON for each.
import { readFileSync } from "node:fs";
import { sdks } from "./sdks.mjs";

const [keysFile, origin, ...bodies] = process.argv.slice(2);
const keys = JSON.parse(readFileSync(keysFile));
for (const [name, sdk] of Object.entries(sdks).filter(([, sdk]) => sdk.sign)) {
  const url = `${origin}/${name}?x=1`;
  const suited = bodies.filter((body) => (body.startsWith("{") ? !sdk.form : sdk.form) && (!sdk.compact || JSON.stringify(JSON.parse(body)) === body));
  for (const [body, sent] of [...suited.map((body) => [body, body]), [suited[0], suited[0].replace("1", "2")]]) {
    const headers = await sdk.sign(keys[name].sender, body, url);
    const answer = await fetch(url, { method: "POST", headers, body: sent });
    console.log(JSON.stringify({ name, package: sdk.package, altered: body !== sent, status: answer.status }));
  }
}
