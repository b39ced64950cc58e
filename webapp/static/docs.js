// Start Swagger UI. A file of its own, because the content policy allows no inline script.
const place = document.getElementById("docs");

SwaggerUIBundle({
  dom_id: "#docs",
  url: place.dataset.url,
  // Null, so that the document is never sent to an outside validator.
  validatorUrl: null,
  deepLinking: true,
  persistAuthorization: false,
});
