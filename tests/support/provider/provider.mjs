// A real OpenID provider (certified, panva/oidc-provider) with its own pages for signing in, for tests.
// Says its address on stdout; PUT /people tells who there is; ends with its standard input.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

let people = {};
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"] },
    clientDefaults: { grant_types: ["authorization_code"] },
    cookies: { keys: ["of a test"] },
    features: { registration: { enabled: true } },
    findAccount: (_, id) =>
      id in people && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
    pkce: { required: () => true },
    ttl: { Grant: 600, Interaction: 600, Session: 600 },
  });
  const answer = provider.callback();
  server.on("request", (request, response) => {
    if (request.method !== "PUT" || request.url !== "/people") return answer(request, response);
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      people = JSON.parse(body);
      response.writeHead(204).end();
    });
  });
  console.log(issuer);
});
process.stdin.on("end", () => process.exit()).resume();
