// The official packages: how each verifies a delivery, and how those that can sign one. No rule of a provider is written here:
// a package is given what it asks for, and its word counts.
//
// A request is { method, url, headers (lower case), body (Buffer) }; a key is what `keys` of the test holds for the name.

const text = (request) => request.body.toString("utf8");
const must = (held) => {
  if (!held) throw new Error("the package says no");
};
const json = { "content-type": "application/json" };

const standard = (load, prefix) => ({
  verify: async (key, request) => {
    const { Webhook } = await load();
    new Webhook(key).verify(text(request), request.headers);
  },
  sign: async (key, body) => {
    const { Webhook } = await load();
    const [id, now] = [`msg_${Math.random()}`, new Date()];
    const headers = { [`${prefix}-id`]: id, [`${prefix}-timestamp`]: Math.floor(now / 1000), [`${prefix}-signature`]: new Webhook(key).sign(id, now, body) };
    return { ...json, ...headers };
  },
});

// `api_key=NAME;SECRET` as the two that LiveKit's package takes.
const issued = (key) => [key.split(";")[0].split("=")[1], key.split(";")[1]];
const stripe = async () => new (await import("stripe")).default("sk_test_none");
const twilio = async () => (await import("twilio")).default;
const workos = async () => new (await import("@workos-inc/node")).WorkOS("sk_test_none");

export const sdks = {
  stripe: {
    package: "stripe",
    verify: async (key, request) => (await stripe()).webhooks.constructEvent(request.body, request.headers["stripe-signature"], key),
    sign: async (key, body) => ({ ...json, "stripe-signature": (await stripe()).webhooks.generateTestHeaderString({ payload: body, secret: key }) }),
  },
  svix: { package: "svix", ...standard(() => import("svix"), "svix") },
  "standard-webhooks": { package: "standardwebhooks", ...standard(() => import("standardwebhooks"), "webhook") },
  github: {
    package: "@octokit/webhooks-methods",
    verify: async (key, request) => must(await (await import("@octokit/webhooks-methods")).verify(key, text(request), request.headers["x-hub-signature-256"])),
    sign: async (key, body) => ({ ...json, "x-github-event": "ping", "x-hub-signature-256": await (await import("@octokit/webhooks-methods")).sign(key, body) }),
  },
  twilio: {
    package: "twilio",
    verify: async (key, request) => {
      const fields = Object.fromEntries(new URLSearchParams(text(request)));
      must((await twilio()).validateRequest(key, request.headers["x-twilio-signature"], request.url, fields));
    },
    form: true,
    sign: async (key, body, url) => {
      const fields = Object.fromEntries(new URLSearchParams(body));
      const { getExpectedTwilioSignature } = (await import("twilio/lib/webhooks/webhooks.js")).default;
      return { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": getExpectedTwilioSignature(key, url, fields) };
    },
  },
  sendgrid: {
    package: "@sendgrid/eventwebhook",
    keys: "P256",
    verify: async (key, request) => {
      const { EventWebhook } = (await import("@sendgrid/eventwebhook")).default;
      const webhook = new EventWebhook();
      const point = webhook.convertPublicKeyToECDSA(key.replace(/-----[^-]*-----|\s/g, ""));
      const { "x-twilio-email-event-webhook-signature": signature, "x-twilio-email-event-webhook-timestamp": time } = request.headers;
      must(webhook.verifySignature(point, request.body, signature, time));
    },
  },
  discord: {
    package: "discord-interactions",
    keys: "Ed25519",
    verify: async (key, request) => {
      const { verifyKey } = (await import("discord-interactions")).default;
      const { "x-signature-ed25519": signature, "x-signature-timestamp": time } = request.headers;
      const raw = Buffer.from(key.replace(/-----[^-]*-----|\s/g, ""), "base64").subarray(-32).toString("hex");
      must(await verifyKey(request.body, signature ?? "", time ?? "", raw));
    },
  },
  paddle: {
    package: "@paddle/paddle-node-sdk",
    verify: async (key, request) => {
      const { Paddle } = await import("@paddle/paddle-node-sdk");
      must(await new Paddle("none").webhooks.isSignatureValid(text(request), key, request.headers["paddle-signature"] ?? ""));
    },
  },
  square: {
    package: "square",
    verify: async (key, request) => {
      const { WebhooksHelper } = await import("square");
      must(await WebhooksHelper.verifySignature({
        requestBody: text(request),
        signatureHeader: request.headers["x-square-hmacsha256-signature"] ?? "",
        signatureKey: key,
        notificationUrl: request.url,
      }));
    },
  },
  line: {
    package: "@line/bot-sdk",
    verify: async (key, request) => must((await import("@line/bot-sdk")).validateSignature(request.body, key, request.headers["x-line-signature"] ?? "")),
  },
  razorpay: {
    package: "razorpay",
    verify: async (key, request) => must((await import("razorpay")).default.validateWebhookSignature(text(request), request.headers["x-razorpay-signature"], key)),
  },
  workos: {
    package: "@workos-inc/node",
    verify: async (key, request) => must(await (await workos()).webhooks.verifyHeader({ payload: JSON.parse(text(request)), sigHeader: request.headers["workos-signature"], secret: key })),
    sign: async (key, body) => {
      const now = Date.now();
      const signature = await (await workos()).webhooks.computeSignature(now, JSON.parse(body), key);
      return { ...json, "workos-signature": `t=${now}, v1=${signature}` };
    },
    compact: true,
  },
  plaid: {
    package: "jose",
    keys: "P256",
    verify: async (key, request) => {
      const { importSPKI, jwtVerify } = await import("jose");
      const { createHash } = await import("node:crypto");
      const spki = await importSPKI(key, "ES256");
      const { payload } = await jwtVerify(request.headers["plaid-verification"] ?? "", spki, { algorithms: ["ES256"], maxTokenAge: "5 min" });
      must(payload.request_body_sha256 === createHash("sha256").update(request.body).digest("hex"));
    },
    sign: async (key, body) => {
      const { SignJWT, importPKCS8 } = await import("jose");
      const { createHash } = await import("node:crypto");
      const request_body_sha256 = createHash("sha256").update(body).digest("hex");
      const token = new SignJWT({ request_body_sha256 }).setProtectedHeader({ alg: "ES256", kid: "k", typ: "JWT" }).setIssuedAt();
      return { ...json, "plaid-verification": await token.sign(await importPKCS8(key, "ES256")) };
    },
  },
  "http-message-signatures": {
    package: "http-message-signatures",
    verify: async (key, request) => {
      const { httpbis, createVerifier } = await import("http-message-signatures");
      const keyLookup = async () => ({ id: "k", algs: ["hmac-sha256"], verify: createVerifier(Buffer.from(key), "hmac-sha256") });
      const held = await httpbis.verifyMessage({ keyLookup }, { method: request.method, url: request.url, headers: request.headers });
      must(held);
      // What the digest covers is the reader's to check (RFC 9530).
      const { createHash } = await import("node:crypto");
      const digest = createHash("sha256").update(request.body).digest("base64");
      must(request.headers["content-digest"] === `sha-256=:${digest}:`);
    },
    sign: async (key, body, url) => {
      const { httpbis, createSigner } = await import("http-message-signatures");
      const { createHash } = await import("node:crypto");
      const headers = { ...json, "content-digest": `sha-256=:${createHash("sha256").update(body).digest("base64")}:` };
      const signer = createSigner(Buffer.from(key), "hmac-sha256", "k");
      const fields = ["@method", "@target-uri", "content-digest"];
      const signed = await httpbis.signMessage({ key: signer, fields, name: "sig", params: ["created", "alg"] }, { method: "POST", url, headers });
      return signed.headers;
    },
  },
  sanity: {
    package: "@sanity/webhook",
    verify: async (key, request) => must(await (await import("@sanity/webhook")).isValidSignature(text(request), request.headers["sanity-webhook-signature"] ?? "", key)),
    sign: async (key, body) => ({ ...json, "sanity-webhook-signature": await (await import("@sanity/webhook")).encodeSignatureHeader(body, Date.now(), key) }),
  },
  mux: {
    package: "@mux/mux-node",
    verify: async (key, request) => {
      const Mux = (await import("@mux/mux-node")).default;
      const webhooks = new Mux({ tokenId: "none", tokenSecret: "none" }).webhooks;
      await webhooks.verifySignature(text(request), request.headers, key);
    },
  },
  replicate: {
    package: "replicate",
    verify: async (key, request) => {
      const { validateWebhook } = (await import("replicate")).default;
      const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = request.headers;
      must(await validateWebhook({ id, timestamp, signature, body: text(request), secret: key }));
    },
  },
  linear: {
    package: "@linear/sdk",
    verify: async (key, request) => {
      const { LinearWebhookClient } = await import("@linear/sdk/webhooks");
      const { webhookTimestamp } = JSON.parse(text(request));
      must(new LinearWebhookClient(key).verify(request.body, request.headers["linear-signature"] ?? "", webhookTimestamp));
    },
  },
  hubspot: {
    package: "@hubspot/api-client",
    verify: async (key, request) => {
      const { Signature } = (await import("@hubspot/api-client")).default;
      const { "x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": timestamp } = request.headers;
      const asked = { clientSecret: key, httpMethod: request.method, requestBody: text(request), signature, signatureVersion: "v3", timestamp: Number(timestamp), url: request.url };
      must(Signature.isValid(asked));
    },
    sign: async (key, body, url) => {
      const { Signature } = (await import("@hubspot/api-client")).default;
      const timestamp = Date.now();
      const signature = Signature.getSignature("POST", "v3", { clientSecret: key, httpMethod: "POST", requestBody: body, timestamp, url });
      return { ...json, "x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": String(timestamp) };
    },
  },
  contentful: {
    package: "@contentful/node-apps-toolkit",
    verify: async (key, request) => {
      const { verifyRequest } = await import("@contentful/node-apps-toolkit");
      const { pathname, search } = new URL(request.url);
      must(verifyRequest(key, { path: pathname + search, method: request.method, headers: request.headers, body: text(request) }));
    },
    sign: async (key, body, url) => {
      const { signRequest } = await import("@contentful/node-apps-toolkit");
      const { pathname, search } = new URL(url);
      return { ...json, ...signRequest(key, { path: pathname + search, method: "POST", headers: json, body }) };
    },
  },
  pusher: {
    package: "pusher",
    verify: async (key, request) => {
      const Pusher = (await import("pusher")).default;
      const app = new Pusher({ appId: "1", key: request.headers["x-pusher-key"] ?? "", secret: key });
      must(app.webhook({ headers: request.headers, rawBody: text(request) }).isValid());
    },
  },
  "coinbase-commerce": {
    package: "coinbase-commerce-node",
    verify: async (key, request) => (await import("coinbase-commerce-node")).default.Webhook.verifySigHeader(text(request), request.headers["x-cc-webhook-signature"] ?? "", key),
  },
  messagebird: {
    package: "messagebird",
    verify: async (key, request) => {
      const { verify } = (await import("messagebird/lib/webhook-signature-jwt.js")).default;
      const { createSecretKey } = await import("node:crypto");
      await verify(request.url, request.body, request.headers["messagebird-signature-jwt"] ?? "", createSecretKey(Buffer.from(key)));
    },
  },
  resend: {
    package: "resend",
    verify: async (key, request) => {
      const { Resend } = await import("resend");
      const { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature } = request.headers;
      new Resend("re_none").webhooks.verify({ payload: text(request), headers: { id, timestamp, signature }, webhookSecret: key });
    },
  },
  notion: {
    package: "@notionhq/client",
    verify: async (key, request) => {
      const { verifyWebhookSignature } = await import("@notionhq/client");
      must(await verifyWebhookSignature({ body: text(request), signature: request.headers["x-notion-signature"], verificationToken: key }));
    },
    sign: async (key, body) => {
      const { signWebhookPayload } = await import("@notionhq/client");
      return { ...json, "x-notion-signature": await signWebhookPayload({ body, verificationToken: key }) };
    },
  },
  livekit: {
    package: "livekit-server-sdk",
    verify: async (key, request) => {
      const { WebhookReceiver } = await import("livekit-server-sdk");
      await new WebhookReceiver(...issued(key)).receive(text(request), request.headers.authorization);
    },
    sign: async (key, body) => {
      const { AccessToken } = await import("livekit-server-sdk");
      const { createHash } = await import("node:crypto");
      const token = new AccessToken(...issued(key));
      token.sha256 = createHash("sha256").update(body).digest("base64");
      return { "content-type": "application/webhook+json", authorization: await token.toJwt() };
    },
  },
  hook0: {
    package: "hook0-client",
    verify: async (key, request) => {
      const { verifyWebhookSignature } = (await import("hook0-client")).default;
      must(verifyWebhookSignature(request.headers["x-hook0-signature"] ?? "", request.body, new Headers(request.headers), key, 300));
    },
  },
  onfido: {
    package: "@onfido/api",
    verify: async (key, request) => {
      const { WebhookEventVerifier } = (await import("@onfido/api")).default;
      new WebhookEventVerifier(key).readPayload(request.body, request.headers["x-sha2-signature"] ?? "");
    },
  },
  "kontent-ai": {
    package: "@kontent-ai/webhook-helper",
    verify: async (key, request) => {
      const { signatureHelper } = (await import("@kontent-ai/webhook-helper")).default;
      must(signatureHelper.isValidSignatureFromString(text(request), key, request.headers["x-kontent-ai-signature"] ?? ""));
    },
  },
};
