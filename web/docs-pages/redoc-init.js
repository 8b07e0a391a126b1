// Search would need a blob: worker, which the content security policy of the server refuses.
Redoc.init("/openapi.json", { disableSearch: true, hideDownloadButton: false, hideHostname: false }, document.getElementById("redoc"));
