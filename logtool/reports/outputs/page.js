"use strict";
(function () {
  function value(cell) {
    var number = cell.getAttribute("data-v");
    return number === null ? cell.textContent.toLowerCase() : Number(number);
  }
  function groups(body) {
    var found = [];
    Array.prototype.forEach.call(body.rows, function (row) {
      if (row.classList.contains("details") && found.length) found[found.length - 1].push(row);
      else found.push([row]);
    });
    return found;
  }
  function sort(table, column, header) {
    var body = table.tBodies[0];
    var down = header.getAttribute("aria-sort") !== "descending";
    var sorted = groups(body).sort(function (a, b) {
      var x = value(a[0].cells[column]), y = value(b[0].cells[column]);
      var order = x < y ? -1 : x > y ? 1 : 0;
      return down ? -order : order;
    });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (one) {
      one.removeAttribute("aria-sort");
    });
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    sorted.forEach(function (rows) {
      rows.forEach(function (row) { body.appendChild(row); });
    });
  }
  function filter(table, words) {
    words = words.toLowerCase();
    groups(table.tBodies[0]).forEach(function (rows) {
      var shown = rows.some(function (row) {
        return row.textContent.toLowerCase().indexOf(words) >= 0;
      });
      rows.forEach(function (row) { row.hidden = !shown; });
    });
  }
  Array.prototype.forEach.call(document.querySelectorAll("table"), function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (header, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      button.title = "Sort by " + header.textContent;
      button.addEventListener("click", function () { sort(table, column, header); });
      header.textContent = "";
      header.appendChild(button);
    });
    if (groups(table.tBodies[0]).length < 5) return;
    var input = document.createElement("input");
    input.type = "search";
    input.className = "filter";
    input.placeholder = "Filter these rows";
    input.setAttribute("aria-label", "Filter the table " + table.getAttribute("aria-label"));
    input.addEventListener("input", function () { filter(table, input.value); });
    table.parentNode.parentNode.insertBefore(input, table.parentNode);
  });
})();
