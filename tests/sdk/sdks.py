"""The official Python packages: `receive KEYS` answers POST /NAME with 200 when the package takes the delivery, 401 with its
words when not; `send KEYS ORIGIN BODY...` sends what the packages sign. No rule of a provider is written here."""

import email.message
import json
import sys
import threading
import time
import types
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def must(held):
    if not held:
        raise ValueError("the package says no")


def stripe(key, request):
    import stripe

    stripe.Webhook.construct_event(request.body, request.headers["Stripe-Signature"], key)


def slack(key, request):
    from slack_sdk.signature import SignatureVerifier

    must(SignatureVerifier(key).is_valid_request(request.body, dict(request.headers)))


def slack_signs(key, body, url):
    from slack_sdk.signature import SignatureVerifier

    now = str(int(time.time()))
    signature = SignatureVerifier(key).generate_signature(timestamp=now, body=body)
    return {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": signature}, body


def twilio(key, request):
    from twilio.request_validator import RequestValidator

    fields = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
    must(RequestValidator(key).validate(request.url, fields, request.headers.get("X-Twilio-Signature", "")))


def line(key, request):
    from linebot.v3.webhook import SignatureValidator

    must(SignatureValidator(key).validate(request.body.decode(), request.headers.get("X-Line-Signature", "")))


def razorpay(key, request):
    import razorpay

    client = razorpay.Client(auth=("none", "none"))
    must(client.utility.verify_webhook_signature(request.body.decode(), request.headers.get("X-Razorpay-Signature", ""), key))


def standard_webhooks(key, request):
    from standardwebhooks import Webhook

    Webhook(key).verify(request.body.decode(), {name.lower(): value for name, value in request.headers.items()})


def gocardless(key, request):
    from gocardless_pro import webhooks

    webhooks.parse(request.body.decode(), key, request.headers.get("Webhook-Signature", ""))


def adyen(key, request):
    from Adyen.util import is_valid_hmac_notification

    for item in json.loads(request.body)["notificationItems"]:
        must(is_valid_hmac_notification(item["NotificationRequestItem"], key))


def adyen_signs(key, body, url):
    from Adyen.util import generate_notification_sig

    item = {
        "pspReference": "7914073381342284", "originalReference": "", "merchantAccountCode": "Test:Account",
        "merchantReference": "order\\1", "amount": {"currency": "EUR", "value": 1130}, "eventCode": "AUTHORISATION",
        "success": "true", "additionalData": {}, "reason": json.loads(body).get("note", ""),
    }
    signature = generate_notification_sig(item, key)
    item["additionalData"]["hmacSignature"] = signature.decode() if isinstance(signature, bytes) else signature
    whole = {"live": "false", "notificationItems": [{"NotificationRequestItem": item}]}
    return {}, json.dumps(whole)


def gateway(key):
    import braintree

    public, private = key.split(";")
    environment = braintree.Environment.Sandbox
    return braintree.BraintreeGateway(
        braintree.Configuration(environment, merchant_id="none", public_key=public.split("=")[1], private_key=private)
    )


def braintree(key, request):
    fields = dict(urllib.parse.parse_qsl(request.body.decode()))
    must(gateway(key).webhook_notification.parse(fields["bt_signature"], fields["bt_payload"]))


def braintree_signs(key, body, url):
    fields = gateway(key).webhook_testing.sample_notification("subscription_went_past_due", json.loads(body).get("id", "1"))
    text = {name: value.decode() if isinstance(value, bytes) else value for name, value in fields.items()}
    return {"Content-Type": "application/x-www-form-urlencoded"}, urllib.parse.urlencode(text)


def issued(key):
    name, secret = key.split(";")
    return name.split("=")[1], secret


def livekit(key, request):
    from livekit import api

    api.WebhookReceiver(api.TokenVerifier(*issued(key))).receive(request.body.decode(), request.headers.get("Authorization", ""))


def livekit_signs(key, body, url):
    import base64
    import hashlib

    from livekit import api

    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    return {"Authorization": api.AccessToken(*issued(key)).with_sha256(digest).to_jwt()}, body


def paddle(key, request):
    from paddle_billing.Notifications import Secret, Verifier

    must(Verifier().verify(request, Secret(key)))


def sinch(key, request):
    from sinch.domains.sms.sinch_events.v1.sms_sinch_event import SmsSinchEvent

    headers = {name.lower(): value for name, value in request.headers.items()}
    must(SmsSinchEvent(key).validate_authentication_header(headers=headers, json_payload=request.body.decode()))


def svix(key, request):
    from svix import Webhook

    Webhook(key).verify(request.body, {name.lower(): value for name, value in request.headers.items()})


def svix_signs(key, body, url):
    import datetime

    from svix import Webhook

    now = datetime.datetime.now(datetime.timezone.utc)
    signature = Webhook(key).sign("msg_1", now, body)
    return {"svix-id": "msg_1", "svix-timestamp": str(int(now.timestamp())), "svix-signature": signature}, body


PACKAGES = {"livekit": "livekit-api", "adyen": "Adyen", "line": "line-bot-sdk", "gocardless": "gocardless_pro", "slack": "slack_sdk", "standard-webhooks": "standardwebhooks"}
VERIFY = {
    "stripe": stripe, "slack": slack, "twilio": twilio, "line": line, "razorpay": razorpay, "gocardless": gocardless,
    "standard-webhooks": standard_webhooks, "adyen": adyen, "braintree": braintree, "livekit": livekit, "paddle": paddle,
    "sinch": sinch, "svix": svix,
}
SIGN = {
    "slack": slack_signs, "adyen": adyen_signs, "braintree": braintree_signs, "livekit": livekit_signs, "svix": svix_signs,
}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.url = f"http://{self.headers['Host']}{self.path}"
        name = self.path.split("?")[0].strip("/")
        try:
            VERIFY[name](KEYS[name]["receiver"], self)
            status, words = 200, "taken"
        except Exception as error:
            status, words = 401, f"{type(error).__name__}: {error}"
        self.send_response(status)
        self.send_header("Content-Length", str(len(words.encode())))
        self.end_headers()
        self.wfile.write(words.encode())

    def log_message(self, *_):
        pass


def load():
    """Some take seconds to load, and a provider's deadline may be two: all are here before the first delivery comes."""
    nothing = types.SimpleNamespace(body=b"{}", url="http://localhost/", headers=email.message.Message())
    for name, verify in VERIFY.items():
        try:
            verify(KEYS[name]["receiver"], nothing)
        except ImportError:
            raise
        except Exception:
            pass  # there is no signature


def receive():
    load()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # held open by the test as long as it runs


def send(origin, bodies):
    for name, sign in SIGN.items():
        suited = [body for body in bodies if body.startswith("{")]
        for body, altered in [*((body, False) for body in suited), (suited[0], True)]:
            url = f"{origin}/{name}?x=1"
            headers, made = sign(KEYS[name]["sender"], body, url)
            sent = made.replace("1", "2", 1) if altered else made
            request = urllib.request.Request(url, sent.encode(), {"Content-Type": "application/json", **headers}, method="POST")
            with urllib.request.urlopen(request) as answer:
                print(json.dumps({"name": name, "package": PACKAGES.get(name, name), "altered": altered, "status": answer.status}))


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        KEYS = json.load(file)
    if sys.argv[1] == "receive":
        receive()
    else:
        send(sys.argv[3], sys.argv[4:])
