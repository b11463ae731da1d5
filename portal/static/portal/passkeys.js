/* Asks the browser for a passkey and sends its answer with the form. The page carries the question (data-options). */
(function () {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const problem = form.querySelector("[data-passkey-problem]");
  const button = form.querySelector("button");

  function say(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
  }

  function text(buffer) {
    const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function withBytes(keys) {
    return (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));
  }

  function question() {
    const options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (form.dataset.passkey === "create") {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = withBytes(options.excludeCredentials);
    } else {
      options.allowCredentials = withBytes(options.allowCredentials);
    }
    return { publicKey: options };
  }

  function answer(credential) {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    if (form.dataset.passkey === "create") {
      response.attestationObject = text(credential.response.attestationObject);
      response.transports = credential.response.getTransports ? credential.response.getTransports() : [];
    } else {
      response.authenticatorData = text(credential.response.authenticatorData);
      response.signature = text(credential.response.signature);
      response.userHandle = credential.response.userHandle ? text(credential.response.userHandle) : null;
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  if (!window.isSecureContext || !window.PublicKeyCredential) {
    button.hidden = true;
    say(
      window.isSecureContext
        ? "这个浏览器不支持通行密钥，请升级浏览器，或使用动态验证码、恢复码。"
        : "当前连接没有加密（不是 https），浏览器不允许使用通行密钥。请使用动态验证码或恢复码。",
    );
    return;
  }

  let answered = false;
  form.addEventListener("submit", async (event) => {
    if (answered) return;
    event.preventDefault();
    say("");
    try {
      const call = form.dataset.passkey === "create" ? "create" : "get";
      const credential = await navigator.credentials[call](question());
      form.elements.answer.value = answer(credential);
    } catch (error) {
      say(
        error.name === "InvalidStateError"
          ? "这个设备已经登记过。"
          : "没有完成验证：可能已取消、超时，或没有可用的通行密钥。请重试，或改用其他方式。",
      );
      return;
    }
    answered = true;
    form.requestSubmit();
  });
})();
