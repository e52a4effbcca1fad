// The published npm package @azure/communication-chat tells a full story over TLS without any patch or switch.

import assert from "node:assert/strict";

import { ChatClient } from "@azure/communication-chat";
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import { CommunicationIdentityClient } from "@azure/communication-identity";

const [endpoint, connectionString] = process.argv.slice(2);
const identity = new CommunicationIdentityClient(connectionString);
const { token, ...alice } = await identity.createUserAndToken(["chat"]);
const bob = await identity.createUser();
const bobToken = await identity.getToken(bob, ["chat"]);
const chat = new ChatClient(endpoint, new AzureCommunicationTokenCredential(token));
const ofBob = new ChatClient(endpoint, new AzureCommunicationTokenCredential(bobToken.token));

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

const created = await chat.createChatThread(
  { topic: "Lunch" },
  { participants: [{ id: alice.user ?? alice, displayName: "Alice" }] },
);
const threadId = created.chatThread.id;
assert.equal(created.invalidParticipants, undefined);
const thread = chat.getChatThreadClient(threadId);
const beside = ofBob.getChatThreadClient(threadId);

await thread.addParticipants({ participants: [{ id: bob, displayName: "Bob" }] });
assert.deepEqual((await all(thread.listParticipants({ maxPageSize: 1 }))).map((one) => one.displayName), ["Alice", "Bob"]);
await thread.updateTopic("Dinner");
assert.equal((await beside.getProperties()).topic, "Dinner");

const sent = [];
for (const content of ["one", "two", "three"]) {
  sent.push((await thread.sendMessage({ content }, { metadata: { a: "b" } })).id);
}
await thread.updateMessage(sent[0], { content: "won" });
await thread.deleteMessage(sent[1]);
const edited = await beside.getMessage(sent[0]);
assert.equal(edited.content.message, "won");
assert.deepEqual(edited.metadata, { a: "b" });
const listed = await all(beside.listMessages({ maxPageSize: 2 }));
assert.deepEqual(listed.slice(0, 3).map((one) => one.id), [sent[1], sent[0], sent[2]]);
assert.equal(new Set(listed.map((one) => one.id)).size, 7);

await thread.sendTypingNotification({ senderDisplayName: "Alice" });
await beside.sendReadReceipt({ chatMessageId: sent[0] });
const receipts = await all(thread.listReadReceipts());
assert.deepEqual(receipts.map((one) => one.sender.communicationUserId), [bob.communicationUserId]);
assert.deepEqual((await all(chat.listChatThreads())).map((one) => one.topic), ["Dinner"]);

await thread.removeParticipant(bob);
await assert.rejects(beside.getProperties(), (error) => error.statusCode === 403);
await chat.deleteChatThread(threadId);
await assert.rejects(thread.getProperties(), (error) => error.statusCode === 404);
await identity.revokeTokens(bob);
await assert.rejects(all(ofBob.listChatThreads()), (error) => error.statusCode === 401);
await identity.deleteUser(bob);
