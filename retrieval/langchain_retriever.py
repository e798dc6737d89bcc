"""The retriever for LangChain users. Apart from retriever.py: LangChain takes seconds to load."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from retrieval.catalog import Constraints, Language, Product
from retrieval.retriever import Candidate, Retriever


class LiveshopRetriever(BaseRetriever):
    """The retriever for LangChain: Documents with product ids, always under `constraints`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    records: Any
    constraints: Constraints = Constraints()
    limit: int = 5
    language: Language = "zh"

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        candidates = self.retriever.retrieve(query, self.constraints, self.limit)
        products = self.records.products(tuple(c.product_id for c in candidates))
        return [
            self._document(products[candidate.product_id], candidate)
            for candidate in candidates
            if candidate.product_id in products
        ]

    def _document(self, product: Product, candidate: Candidate) -> Document:
        variant = product.default_variant
        metadata = {
            **candidate.model_dump(),
            "title": product.title.say(self.language),
            "url": product.url,
            "price_minor": variant.price.minor,
            "currency": variant.price.currency,
            "available": product.available,
            "version": product.version,
        }
        text = "\n".join(
            text.say(self.language)
            for text in (product.title, product.description)
            if text.say(self.language)
        )
        return Document(id=product.id, page_content=text, metadata=metadata)
