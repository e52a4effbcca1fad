// Calls @azure/communication-chat from npm as the documented Python surface would be called; NODE_PATH says where it is.
const { ChatClient, ChatThreadClient } = require("@azure/communication-chat");
const common = require("@azure/communication-common");
const node = require("@azure/core-rest-pipeline").createDefaultHttpClient();
const MODELS = { content: "ChatMessageContent", participants: "ChatThreadParticipant", get_chat_thread: "ChatThread",
  list_chat_threads: "ChatThreadInfo", get_message: "ChatMessage", list_messages: "ChatMessage",
  list_participants: "ChatThreadParticipant", list_read_receipts: "ChatMessageReadReceipt" };
const THEIRS = { user: "id", sender_id: "sender", results_per_page: "maxPageSize", chat_message_type: "type",
  repeatability_request_id: "idempotencyToken", thread_participants: "participants", thread_participant: "participants" };
const FIRST = { delete_chat_thread: "threadId", get_chat_thread: "threadId", get_chat_thread_client: "threadId", update_topic: "topic",
  get_message: "messageId", update_message: "messageId", delete_message: "messageId", remove_participant: "id" };
const BODY = { create_chat_thread: "topic", send_message: "content", send_read_receipt: "messageId",
  add_participants: "participants", add_participant: "participants" }; // what else a call has are its options
const METHODS = { add_participant: "addParticipants", close: "toString" }; // there is nothing to close
const ERRORS = { 401: "ClientAuthenticationError", 404: "ResourceNotFoundError", 409: "ResourceExistsError",
  REQUEST_SEND_ERROR: "ServiceRequestError", PARSE_ERROR: "DecodeError", Error: "ValueError" };
const camel = (name) => THEIRS[name] ?? name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
async function sendRequest(request) { // the client sends its token over https alone, and the runner listens on http
  Object.assign(request, { url: request.url.replace("https:", "http:"), allowInsecureConnection: true });
  const response = await node.sendRequest(request);
  return Object.assign(response, { bodyAsText: response.bodyAsText?.replaceAll('"http://', '"https://') });
}
function value(item) {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return item?.map ? item.map(value) : item;
  if ("$dt" in item || "$name" in item) return item.$dt ? new Date(item.$dt) : item.$name.split(".")[1].toLowerCase();
  if (item.$model === "CommunicationUserIdentifier") return common.createIdentifierFromRawId(item.identifier);
  return Object.fromEntries(Object.entries(item).map(([key, one]) => [camel(key), value(one)]));
}
function told(found, name, attributes) {
  if (Array.isArray(found)) return found.map((one) => told(one, name, attributes));
  if (found instanceof Date) return { $dt: found.toISOString() };
  if (found?.kind) return { $model: "CommunicationUserIdentifier", identifier: common.getIdentifierRawId(found) };
  const empty = name === "ChatMessageContent" ? { participants: [] } : {}; // there an empty list is left out
  const of = (key) => (key === "initiator" && found[key] ? common.getIdentifierRawId(found[key]) : found[camel(key)] ?? empty[key]);
  const fields = found && attributes[name]?.map((key) => [key, told(of(key), MODELS[key], attributes)]);
  return fields ? { $model: name, ...Object.fromEntries(fields) } : found ?? null;
}
async function call({ do: name, client, kwargs, options, credential: { token, refreshed }, attributes }) {
  const user = new common.AzureCommunicationTokenCredential(refreshed ? { token, tokenRefresher: async () => refreshed } : token);
  const settings = { httpClient: { sendRequest }, retryOptions: { maxRetries: options.retry_total ?? 3 } };
  const where = [options.endpoint.replace("http:", "https:"), options.thread_id].slice(0, client === "ChatClient" ? 1 : 2);
  const made = new (client === "ChatClient" ? ChatClient : ChatThreadClient)(...where, user, settings);
  const { [FIRST[name] ?? BODY[name]]: first, ...rest } = value(kwargs);
  if (name === "get_chat_thread") return told(await made.getChatThreadClient(first).getProperties(rest), MODELS[name], attributes);
  const body = { [name === "send_read_receipt" ? "chatMessageId" : BODY[name]]: name === "add_participant" ? [first] : first };
  const found = await made[METHODS[name] ?? camel(name)](...(BODY[name] ? [body] : FIRST[name] ? [first] : []), rest);
  const pages = [];
  if (found?.byPage) for await (const page of found.byPage()) pages.push(told([...page], MODELS[name], attributes));
  const thread_id = found?.chatThread?.id ?? found?.threadId;
  if (thread_id || found?.byPage) return thread_id ? { $model: "ChatThreadClient", thread_id } : pages;
  return name === "send_message" ? found.id : told(MODELS[name] && found, MODELS[name], attributes);
}
function failure({ statusCode, code, name, message, details }) {
  const classes = [ERRORS[code] ?? ERRORS[statusCode] ?? ERRORS[name] ?? name, ...(statusCode ? ["HttpResponseError"] : [])];
  const error = details?.body?.error && { $model: name, ...details.body.error };
  return { error: { classes, text: message, told: { $model: name, status_code: statusCode, error: error ?? null } } };
}
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => call(JSON.parse(line)).then(
  (found) => ({ value: found }), failure).then((answer) => console.log(JSON.stringify(answer))));
